import type { AreaCheck } from '../ward.ts';

export const rolloutCheck: AreaCheck = {
  area: 'rollout',
  kinds: [],
  examine: async () => [],
};
