import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestedStore } from './kind.ts';

/** What a store keeps, each by its name with "/", reached past the tool. */
export interface KeptByName {
  names(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
  write(name: string, content: Buffer): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The pieces of a store, and how something is planted among them. */
export function piecesOf(kept: KeptByName): Pick<TestedStore, 'pieces' | 'plant'> {
  return {
    pieces: async () =>
      (await kept.names()).map((name) => ({
        name,
        read: () => kept.read(name),
        write: (content) => kept.write(name, content),
        remove: () => kept.remove(name),
      })),
    plant: (name, content) => kept.write(name, content),
  };
}

/** The files below a folder, which need not be there. */
export function filesBelow(root: string): KeptByName {
  return {
    names: async () =>
      existsSync(root)
        ? readdirSync(root, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        : [],
    read: (name) => readFile(join(root, name)),
    write: async (name, content) => {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    },
    remove: (name) => rm(join(root, name)),
  };
}
