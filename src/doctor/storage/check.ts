import type { AreaCheck } from '../ward.ts';

export const storageCheck: AreaCheck = {
  area: 'storage',
  kinds: [],
  examine: async () => [],
};
