import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildStep, cacheRoot, isBuilt, stepFolder } from '../cluster/build/cache.ts';
import { unpackedPackages } from '../cluster/build/packages.ts';
import { withLock } from '../cluster/lock.ts';
import { freePort } from './free-port.ts';

/** Debian's sshd on 127.0.0.1, with keys, known_hosts and a port of its own: nothing of this machine's ssh is used. */
export interface Sshd {
  port: number;
  user: string;
  /** For GIT_SSH_COMMAND: each git logs in anew. */
  command: string;
  /** The same over one connection that is logged in already, whoever is let in now. */
  quickCommand: string;
  /** Lets the key in, with a command in place of what it asks for; false: lets it in no more. */
  allow(command?: string | false): void;
  /** Files: the private key that is let in, its public half, and the server's key as ssh(1) knows it. */
  files: { key: string; publicKey: string; knownHosts: string };
  /** Where the keys that are let in stand. */
  authorizedKeys: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it, and takes its keys away. */
  end(): Promise<void>;
}

const step = unpackedPackages('sshd', ['openssh-server']);

/** Why it can't run on this machine; undefined where it can. */
export function sshdObstacle(): string | undefined {
  if (spawnSync('ssh', ['-V']).status !== 0) return 'needs ssh';
  if (userInfo().uid === 0 && spawnSync('unshare', ['--mount', 'true']).status !== 0)
    return 'needs mount namespaces, in which sshd finds its own user';
  if (isBuilt(cacheRoot(), step)) return undefined;
  return spawnSync('apt-cache', ['show', 'openssh-server']).status === 0
    ? undefined
    : "needs Debian's openssh-server";
}

/** @param elsewhere where it listens, 127.0.0.1 where absent; and the words that start a program there. */
export async function startSshd(elsewhere?: { address: string; enter: string[] }): Promise<Sshd> {
  const root = await program();
  const folder = mkdtempSync(join(tmpdir(), 'memcached-backup-sshd-'));
  chmodSync(folder, 0o755);
  const at = (name: string): string => join(folder, name);
  for (const name of ['host', 'key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  const port = await freePort();
  const { address, enter } = elsewhere ?? { address: '127.0.0.1', enter: [] };
  const publicKey = (name: string): string => readFileSync(at(`${name}.pub`), 'utf8');
  writeFileSync(at('known_hosts'), `[${address}]:${port} ${publicKey('host')}`);
  writeFileSync(at('sshd_config'), configuration(at, address, port));
  // As root it wants a user of that name, and a folder that nobody writes to. Who logs in gets a shell that reads no files of theirs.
  const users = readFileSync('/etc/passwd', 'utf8').replace(
    /^(root(?::[^:]*){4}):.*$/m,
    `$1:${folder}:/bin/sh`,
  );
  writeFileSync(at('passwd'), `${users}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`);
  let running: ChildProcess | undefined;
  let connection: ChildProcess | undefined;
  const command = `ssh -F none -i ${at('key')} -o IdentitiesOnly=yes -o UserKnownHostsFile=${at('known_hosts')} -o StrictHostKeyChecking=yes`;
  const user = userInfo().username;
  const sshd: Sshd = {
    port,
    user,
    command,
    quickCommand: `${command} -S ${at('control')}`,
    files: { key: at('key'), publicKey: at('key.pub'), knownHosts: at('known_hosts') },
    authorizedKeys: at('authorized_keys'),
    allow: (command) => {
      const forced = command === undefined ? '' : `command="${command}" `;
      writeFileSync(at('authorized_keys'), command === false ? '' : `${forced}${publicKey('key')}`);
    },
    start: async () => {
      running = spawnSshd(root, folder, enter);
      await untilListening({ address, port }, running, enter);
    },
    stop: async () => {
      const ended = running;
      running = undefined;
      if (ended === undefined || ended.exitCode !== null) return;
      const exit = new Promise((resolve) => ended.once('exit', resolve));
      ended.kill('SIGTERM');
      await exit;
    },
    end: async () => {
      connection?.kill();
      await sshd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  sshd.allow();
  await sshd.start();
  // With a session of its own: without one, ssh leaves small packets to wait (TCP_NODELAY).
  const login = `${command} -M -S ${at('control')} -p ${port} ${user}@${address} cat`;
  const [ssh = '', ...words] = [...enter, ...login.split(' ')];
  connection = spawn(ssh, words, { stdio: ['pipe', 'ignore', 'ignore'] });
  for (let tries = 0; !existsSync(at('control')); tries++) {
    if (tries > 100) throw new Error('ssh does not connect');
    await sleep(50);
  }
  return sshd;
}

function configuration(at: (name: string) => string, address: string, port: number): string {
  return [
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 200',
    'MaxSessions 100',
    'LogLevel FATAL',
    '',
  ].join('\n');
}

function spawnSshd(root: string, folder: string, enter: string[]): ChildProcess {
  const libraries = join(root, 'usr/lib');
  const folders = readdirSync(libraries).filter((name) => name.endsWith('-linux-gnu'));
  const env = {
    PATH: process.env.PATH,
    LD_LIBRARY_PATH: folders.map((name) => join(libraries, name)).join(':'),
  };
  const args = [join(root, 'usr/sbin/sshd'), '-D', '-e', '-f', join(folder, 'sshd_config')];
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  if (userInfo().uid !== 0) return spawn(args[0] ?? '', args.slice(1), { env, stdio: [...stdio] });
  const script =
    'mount --bind "$1/passwd" /etc/passwd; mount -t tmpfs tmpfs /run; mkdir -m 0755 /run/sshd; shift; export LD_LIBRARY_PATH="$1"; shift; exec "$@"';
  const { LD_LIBRARY_PATH, ...outer } = env;
  const words = [...enter, 'unshare', '--mount', 'sh', '-ec', script, 'sh', folder, LD_LIBRARY_PATH, ...args];
  return spawn(words[0] ?? '', words.slice(1), { env: outer, stdio: [...stdio] });
}

async function untilListening(
  { address, port }: { address: string; port: number },
  sshd: ChildProcess,
  enter: string[],
): Promise<void> {
  const [program = '', ...args] = [...enter, 'bash', '-c', `: </dev/tcp/${address}/${port}`];
  for (let tries = 0; tries < 100; tries++) {
    if (sshd.exitCode !== null) throw new Error(`sshd ended with ${sshd.exitCode}`);
    if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) return;
    await sleep(50);
  }
  throw new Error('sshd does not listen');
}

async function program(): Promise<string> {
  const root = cacheRoot();
  mkdirSync(root, { recursive: true });
  const wait = (): void => {};
  await withLock(join(root, 'build.lock'), wait, async () => {
    if (!isBuilt(root, step)) await buildStep(root, step);
  });
  return join(stepFolder(root, step), 'root');
}
