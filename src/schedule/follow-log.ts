import { type KubeClient, LOG_LIMIT } from '../kube/client.ts';
import { hideSecretsInText } from '../model/secrets/hide-secrets-in-text.ts';

/** Whose log it is. */
export interface LogSource {
  namespace: string;
  pod: string;
  container: string;
}

/** A line as the kubelet gives it with timestamps: when, a space, what. */
const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (.*)$/;

/**
 * A container's log that grows: each line is given once, without what looks like a secret. The server is asked again and
 * again from the last line's second on, so that a connection that is cut loses nothing.
 */
export class FollowedLog {
  readonly #kube: Pick<KubeClient, 'podLog'>;
  readonly #source: LogSource;
  /** When the newest line that was given was written, and how many of that very moment there were. */
  #newest = '';
  #ofThatMoment = 0;

  constructor(kube: Pick<KubeClient, 'podLog'>, source: LogSource) {
    this.#kube = kube;
    this.#source = source;
  }

  /**
   * The lines that were written since the last call, and whether there may be more already.
   * @throws ApiError where the container has not started yet, is gone, or its log may not be read.
   */
  async more(): Promise<{ lines: string[]; isAll: boolean }> {
    const { namespace, pod, container } = this.#source;
    const since = this.#newest === '' ? {} : { since: wholeSecond(this.#newest) };
    const text = await this.#kube.podLog(namespace, pod, { container, timestamps: true, ...since });
    const isCut = Buffer.byteLength(text) >= LOG_LIMIT;
    const whole = isCut ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
    const lines = this.#unseen(whole.split('\n'));
    if (isCut && lines.length === 0) {
      this.#skipSecond(text);
      return {
        lines: ['(lines are left out: more than 256 KiB were written within a second)'],
        isAll: false,
      };
    }
    return { lines: lines.map(hideSecretsInText), isAll: !isCut };
  }

  #unseen(stamped: readonly string[]): string[] {
    const lines: string[] = [];
    // The second of the newest line is asked for again as a whole.
    let again = this.#ofThatMoment;
    for (const [, at = '', line = ''] of stamped.map((each) => STAMPED.exec(each) ?? [])) {
      if (at === '' || at < this.#newest) continue;
      if (at === this.#newest && again > 0) {
        again--;
        continue;
      }
      this.#ofThatMoment = at === this.#newest ? this.#ofThatMoment + 1 : 1;
      this.#newest = at;
      again = 0;
      lines.push(line);
    }
    return lines;
  }

  /** Past the second of the newest line, or where none was read yet, past that of the first one in `text`. */
  #skipSecond(text: string): void {
    const at = this.#newest === '' ? (/^\S{20,40}(?= )/.exec(text)?.[0] ?? '') : this.#newest;
    const second = Date.parse(wholeSecond(at));
    this.#newest = new Date(Number.isNaN(second) ? Date.now() : second + 1000).toISOString();
    this.#ofThatMoment = 0;
  }
}

function wholeSecond(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? '' : `${new Date(time).toISOString().slice(0, 19)}Z`;
}
