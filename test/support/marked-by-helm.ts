import { type Fixture, NAMESPACE } from './objects.ts';

/** The object as Helm writes one of the release "cart". */
export function markedByHelm(object: Fixture, release = 'cart'): Fixture {
  return object
    .labelled({ 'app.kubernetes.io/managed-by': 'Helm' })
    .annotated({ 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': NAMESPACE });
}
