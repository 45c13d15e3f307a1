const WIDTH = 20;

/** "[██████████          ] 50 %"; of a share beyond 0 to 1 its nearer end. */
export function progressBar(share: number): string {
  const part = Math.min(1, Math.max(0, share));
  const full = Math.floor(part * WIDTH);
  return `[${'█'.repeat(full)}${' '.repeat(WIDTH - full)}] ${Math.floor(part * 100)} %`;
}
