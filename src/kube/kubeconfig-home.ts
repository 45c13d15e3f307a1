import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where a kubeconfig lies in a home. */
const IN_HOME = ['.kube', 'config'];

/**
 * The kubeconfig of the user's home, as client-go finds it (k8s.io/client-go/util/homedir): HOME's; on Windows the first that is there
 * of HOME, HOMEDRIVE with HOMEPATH, and USERPROFILE. Home is what the environment says: in a container the user often has no other.
 * @returns undefined where there is no home; else a path, also where no file is there.
 */
export function kubeconfigOfHome(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const { HOME: home, HOMEDRIVE: drive, HOMEPATH: path, USERPROFILE: profile } = env;
  const paths = (homes: (string | undefined)[]) =>
    homes.flatMap((each) => (each === undefined || each === '' ? [] : [join(each, ...IN_HOME)]));
  if (platform !== 'win32') return paths([home, profile])[0];
  const onDrive = drive && path ? `${drive}${path}` : undefined;
  return (
    paths([home, onDrive, profile]).find((file) => existsSync(file)) ?? paths([home, profile, onDrive])[0]
  );
}
