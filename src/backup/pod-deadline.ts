/** Longest conversation with one pod, in milliseconds. A pod that says nothing must not hold a command up. */
export const POD_DEADLINE_MS = 5_000;
