import type { AreaCheck } from '../ward.ts';

export const restoreCheck: AreaCheck = {
  area: 'restore',
  kinds: [],
  examine: async () => [],
};
