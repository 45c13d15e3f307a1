import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { ToolError } from '../../../src/errors/tool-error.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { nameOf } from '../../../src/model/kubernetes/object.ts';
import type { HelperDoor } from '../../../src/store/pvc/client/helper.ts';
import type { Link } from '../../../src/store/pvc/client/link.ts';
import { ClaimDoor } from '../../../src/store/pvc/pod/claim-door.ts';
import { PvcStore } from '../../../src/store/pvc/pvc-store.ts';
import { instanceFrom } from '../../cluster/instance.ts';
import type { TestClaim } from '../../e2e/support/a-claim.ts';
import type { TestNamespace } from '../../e2e/support/namespace.ts';
import { doWork } from './cut-work.ts';
import type { CutWork, Fault, StoreKind, TestedStore } from './kind.ts';

/** The user and group of the pod. */
const OWNER = '65532:65532';
const FOLDER = 'eu';

/** What happens at which message from the client, from the hello on. */
type Blow = { at: number; by: 'cut' | 'kill' };

/** Where each work is cut: at its first message, in its middle, at its last one; and the pod is killed there. */
const BLOWS: Record<CutWork, readonly Blow[]> = {
  save: [
    { at: 2, by: 'cut' },
    { at: 4, by: 'cut' },
    { at: 5, by: 'kill' },
    { at: 7, by: 'cut' },
    { at: 7, by: 'kill' },
  ],
  // After fetch and look.
  note: [
    { at: 2, by: 'cut' },
    { at: 4, by: 'cut' },
  ],
  remove: [
    { at: 2, by: 'cut' },
    { at: 2, by: 'kill' },
  ],
  report: [
    { at: 2, by: 'cut' },
    { at: 2, by: 'kill' },
  ],
};

/** A store on a claim in the test cluster, whose pod all tests share; its folder is emptied for each. */
export class ClaimKind implements StoreKind {
  readonly name = 'pvc, on a claim of the test cluster';
  readonly #claim: TestClaim;
  readonly #place: TestNamespace;
  readonly #door: ClaimDoor;
  readonly #endings: (() => Promise<void>)[] = [];
  readonly #stores: PvcStore[] = [];
  #connecting: Promise<unknown> = Promise.resolve();
  #blow: Blow | undefined;
  #messages = 0;
  #killing: Promise<void> | undefined;

  /** @param kube of its own: its port-forwards are cut. */
  constructor(claim: TestClaim, place: TestNamespace, { kube, image }: { kube: KubeClient; image: string }) {
    this.#claim = claim;
    this.#place = place;
    const forward = kube.portForward.bind(kube);
    kube.portForward = async (...args) => this.#watched(await forward(...args));
    this.#door = new ClaimDoor({
      claim: this.#named(),
      folder: [FOLDER],
      access: {
        kube: async () => kube,
        image,
        imageFlags: [],
        atEnd: (end) => void this.#endings.push(end),
      },
      signal: undefined,
    });
  }

  async make(): Promise<TestedStore> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
    await this.#claim.inNode('rm', '-rf', this.#folder());
    await this.#claim.inNode('mkdir', this.#folder());
    await this.#claim.inNode('chown', OWNER, this.#folder());
    return {
      open: async () => this.#open(),
      pieces: async () =>
        filesBelow(this.#here()).map((path) => ({
          name: path,
          read: () => readFile(join(this.#here(), path)),
          write: (content) => this.#write(path, content),
          remove: () => rm(join(this.#here(), path)),
        })),
      plant: (path, content) => this.#write(path, content),
      cut: (work, step) => this.#cut(work, step),
      break: (fault) => this.#break(fault),
    };
  }

  async end(): Promise<void> {
    for (const end of this.#endings) await end();
  }

  #named() {
    const location = `pvc://${this.#place.namespace}/${this.#claim.name}/${FOLDER}`;
    return {
      location,
      flags: ['--store', location],
      namespace: this.#place.namespace,
      claim: this.#claim.name,
    };
  }

  /** Several stores of a test share the pod; one after the other gets to it. */
  #open(): PvcStore {
    const door: HelperDoor = {
      connect: () => {
        const link = this.#connecting.then((): Promise<Link> => this.#door.connect());
        this.#connecting = link.catch(() => {});
        return link;
      },
    };
    const store = new PvcStore(this.#named(), door);
    this.#stores.push(store);
    return store;
  }

  #watched(stream: Duplex): Duplex {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = ((...args: unknown[]): boolean => {
      this.#messages++;
      const { at = Number.POSITIVE_INFINITY, by } = this.#blow ?? {};
      if (this.#messages < at) return write(...args);
      if (by === 'kill') {
        // What arrives before the pod is dead is done, or not.
        if (this.#messages === at) this.#killing = this.#killPods();
        return write(...args);
      }
      // Once: what is read is then read again.
      this.#blow = undefined;
      stream.destroy();
      return false;
    }) as Duplex['write'];
    return stream;
  }

  async #killPods(): Promise<void> {
    const { kubectl } = this.#place;
    const pods = await kubectl.objects.list('pods');
    await kubectl.run('delete', 'pod', ...pods.map(nameOf), '--grace-period=0', '--force', '--wait=false');
  }

  async #cut(work: CutWork, step: number): Promise<'cut' | 'done' | 'beyond'> {
    const blow = BLOWS[work][step - 1];
    const store = this.#open();
    if (blow === undefined) {
      await doWork(store, work);
      return 'beyond';
    }
    this.#messages = 0;
    this.#blow = blow;
    try {
      await doWork(store, work);
      return 'done';
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return 'cut';
    } finally {
      this.#blow = undefined;
      await this.#killing;
      this.#killing = undefined;
    }
  }

  async #break(fault: Fault): Promise<(() => Promise<void>) | undefined> {
    const { inNode, folder } = this.#claim;
    const filler = join(folder, 'filler');
    switch (fault) {
      case 'full':
        // It ends when nothing is left, with an error.
        await inNode('dd', 'if=/dev/zero', `of=${filler}`, 'bs=64k').catch(() => '');
        return async () => void (await inNode('rm', filler));
      case 'read-only':
        await inNode('mount', '-o', 'remount,ro', folder);
        return async () => void (await inNode('mount', '-o', 'remount,rw', folder));
      case 'kept from deletions': {
        const above = (await inNode('find', this.#folder(), '-maxdepth', '3', '-mindepth', '3')).trim();
        await inNode('chown', '0:0', above);
        await inNode('chmod', '755', above);
        return async () => void (await inNode('chown', OWNER, above));
      }
      case 'gone':
        await inNode('mv', this.#folder(), `${this.#folder()}-away`);
        await inNode('touch', this.#folder());
        return async () => {
          await inNode('rm', this.#folder());
          await inNode('mv', `${this.#folder()}-away`, this.#folder());
        };
      case 'refused half way':
        this.#messages = 0;
        this.#blow = { at: 4, by: 'cut' };
        return async () => {
          this.#blow = undefined;
        };
      case 'slow':
        return undefined;
    }
  }

  async #write(path: string, content: Buffer): Promise<void> {
    await mkdir(dirname(join(this.#here(), path)), { recursive: true });
    await writeFile(join(this.#here(), path), content);
  }

  #folder(): string {
    return join(this.#claim.folder, FOLDER);
  }

  /** The same, as this machine reaches it: by the root of the node's own file system. */
  #here(): string {
    const pid = readFileSync(join(instanceFrom().state, 'supervisor.pid'), 'utf8').trim();
    return join(`/proc/${pid}/root`, this.#folder());
  }
}

function filesBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
