import type { BesideFile, BesideFolder, ReleaseFiles } from './release-files.ts';

/** How the errors of a kind of store are told. */
export interface TellErrors {
  reading(error: unknown): unknown;
  writing(error: unknown): unknown;
}

/** The same files, with their errors in words. */
export class ToldReleaseFiles implements ReleaseFiles {
  readonly #files: ReleaseFiles;
  readonly #tell: TellErrors;

  constructor(files: ReleaseFiles, tell: TellErrors) {
    this.#files = files;
    this.#tell = tell;
  }

  write(path: string, content: Uint8Array): Promise<void> {
    return this.#files.write(path, content).catch((error: unknown) => {
      throw this.#tell.writing(error);
    });
  }

  read(path: string, maximum: number): Promise<Buffer | undefined> {
    return this.#files.read(path, maximum).catch((error: unknown) => {
      throw this.#tell.reading(error);
    });
  }

  list(folder: BesideFolder): Promise<BesideFile[]> {
    return this.#files.list(folder).catch((error: unknown) => {
      throw this.#tell.reading(error);
    });
  }

  remove(path: string): Promise<void> {
    return this.#files.remove(path).catch((error: unknown) => {
      throw this.#tell.writing(error);
    });
  }
}
