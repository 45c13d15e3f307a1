import type { PodProof, Proof } from '../model/proof.ts';
import type { Style } from './io.ts';
import { printableLine } from './printable.ts';

/** What was proved, for a person: one line a pod, then what could not be proved. */
export function proofLines(proof: Proof, style: Style): string[] {
  return [
    ...proof.pods.map((pod) => podLine(pod, style)),
    ...proof.notes.map((note) => style.yellow(`Not proved: ${note}`)),
  ];
}

function podLine(pod: PodProof, style: Style): string {
  const name = `pod/${pod.pod}`;
  if (pod.settings === 'unknown')
    return style.yellow(`Not proved: ${name}: ${printableLine(pod.why ?? 'it did not answer')}`);
  if (pod.settings === 'differs' || pod.canary === 'failed') {
    const differences = pod.differences.map(
      ({ key, expected, actual }) =>
        `${key} is ${actual ?? '(none)'}, the backup says ${expected ?? '(none)'}`,
    );
    return style.red(
      printableLine(`${name}: ${[...differences, ...(pod.why === undefined ? [] : [pod.why])].join('; ')}`),
    );
  }
  const canary = pod.canary === 'passed' ? '; a canary key was set, read and deleted' : '';
  return style.green(`Proved: ${name}: stats settings equal the backup's${canary}`);
}
