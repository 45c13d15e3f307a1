import { type JsonObject, parseJson } from '../model/json/json.ts';
import type { KubeObject } from '../model/kubernetes/object.ts';
import { type PackedText, PackedTexts } from './packed-texts.ts';

/** An object as its text, which takes a fraction of the memory that it takes parsed. */
export class PackedObject {
  readonly #text: PackedText;
  readonly #type: { apiVersion: string; kind: string } | undefined;

  /**
   * @param text a JSON object.
   * @param type comes first in what is unpacked: an item of a list lacks its apiVersion and kind.
   */
  constructor(text: PackedText, type?: { apiVersion: string; kind: string }) {
    this.#text = text;
    this.#type = type;
  }

  static of(object: KubeObject): PackedObject {
    return new PackedObject(new PackedTexts().add(Buffer.from(JSON.stringify(object))));
  }

  /** A new copy each time. @throws SyntaxError where the text is no JSON. */
  unpack(): KubeObject {
    const object = parseJson(this.#text.bytes.toString('utf8')) as JsonObject;
    return this.#type === undefined
      ? object
      : { apiVersion: this.#type.apiVersion, kind: this.#type.kind, ...object };
  }
}
