/**
 * The Accept header that asks for metadata alone. There is no second choice in it: a server that can't leave the rest out
 * answers 406, and not with the whole object (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */
export function metadataType(kind: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1`;
}
