import type { AreaCheck } from '../ward.ts';

export const cacheCheck: AreaCheck = {
  area: 'cache',
  kinds: [],
  examine: async () => [],
};
