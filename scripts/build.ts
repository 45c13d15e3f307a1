import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './build/bundle.ts';
import { completionYaml } from './build/completion-yaml.ts';
import { buildExecutable } from './build/executable.ts';
import { helpAssets } from './build/finished-help.ts';
import { packageFolders, thirdPartyLicenses } from './build/licenses.ts';
import { archive, krewManifest, packageInputs, writePackage } from './build/package.ts';
import { executable, library, root, workFolder } from './build/paths.ts';
import { whenChanged } from './build/when-changed.ts';

/**
 * Builds what is shipped: the executable, the archive and the krew manifest. What takes seconds is done again
 * only where its inputs changed. `--only-dist` leaves completion.yaml, which belongs to the sources, as it is.
 */
mkdirSync(workFolder, { recursive: true });
if (!process.argv.includes('--only-dist')) writeFileSync(join(root, 'completion.yaml'), completionYaml());
const { start, scripts, sources } = await bundle();
const licenses = thirdPartyLicenses(packageFolders(sources));
// The warm-up's cluster is made of what tests use.
const buildScripts = globSync(['scripts/build/*.ts', 'test/support/*.ts'], { cwd: root })
  .sort()
  .map((file) => readFileSync(join(root, file)));
const program = [
  process.version,
  start,
  ...buildScripts,
  ...[...helpAssets()].flat(),
  ...[...scripts].flat(),
];

await whenChanged({ name: 'executable', inputs: program, outputs: [executable, library] }, () =>
  buildExecutable(start, scripts),
);
const packaged = [...program, licenses, ...packageInputs()];
await whenChanged({ name: 'package', inputs: packaged, outputs: [archive, krewManifest] }, () =>
  writePackage(licenses),
);
for (const file of [executable, archive, krewManifest]) console.log(file);
