import { aDaemonSet, applied } from '../../fixtures/plain-yaml.ts';
import type { Plant } from '../plant.ts';

export const SCHEDULE_PLANTS: readonly Plant[] = [
  {
    name: 'nothing makes backups',
    reports: [],
    also: ['MB201'],
    plant: (cluster) => applied(cluster, aDaemonSet(cluster)),
  },
];
