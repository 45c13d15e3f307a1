import { goTool, toolObstacle } from '../cluster/build/go-tool.ts';
import { onPath } from '../cluster/external.ts';

/** Programs of the test cluster's that need no cluster: with E2E_KUBECONFIG those on PATH, else built for it. */
const PROGRAMS = {
  kubectl: { module: 'kubernetes', program: 'kubectl' },
  helm3: { module: 'helm3', program: 'helm3' },
  helm4: { module: 'helm4', program: 'helm4' },
} as const;

type Program = keyof typeof PROGRAMS;

/** Its path. @throws Error where it is not there and can't be built. */
export async function program(name: Program): Promise<string> {
  const { module, program } = PROGRAMS[name];
  return ownOnPath(name) ?? (await goTool(module, program));
}

/** Why a program can't be had, as a sentence without a full stop; undefined where it can. */
export function programObstacle(name: Program): string | undefined {
  return ownOnPath(name) === undefined ? toolObstacle(PROGRAMS[name].module) : undefined;
}

function ownOnPath(name: Program): string | undefined {
  return process.env.E2E_KUBECONFIG ? onPath(name) : undefined;
}
