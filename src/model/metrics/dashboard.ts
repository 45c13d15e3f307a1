import type { JsonObject } from '../json/json.ts';
import { panelData } from './dashboard-panel.ts';
import { dashboardRows } from './dashboard-rows.ts';
import { oneOf } from './promql.ts';
import type { Thresholds } from './thresholds.ts';
import type { WatchedSchedule } from './watched-schedule.ts';

/** As Grafana 10 and later read it (grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model). */
const SCHEMA_VERSION = 39;
const DATASOURCE: JsonObject = { type: 'prometheus', uid: '$datasource' };

/** A Grafana dashboard of these schedules, for import or for a provisioned folder; the data source is chosen on it. */
export function dashboard(schedules: readonly WatchedSchedule[], thresholds: Thresholds): JsonObject {
  const namespaces = oneOf(schedules.map(({ namespace }) => namespace));
  const names = oneOf(schedules.map(({ name }) => name));
  const rows = dashboardRows(
    schedules.flatMap(({ claims }) => claims),
    thresholds,
  );
  return {
    uid: 'memcached-backup',
    title: 'Memcached backups',
    description:
      'By series of kube-state-metrics, the kubelet and memcached-backup itself; docs/monitoring.md says which.',
    tags: ['memcached-backup'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    refresh: '1m',
    time: { from: 'now-7d', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        variable(
          'namespace',
          `label_values(kube_cronjob_info{namespace${namespaces},cronjob${names}}, namespace)`,
        ),
        variable(
          'cronjob',
          `label_values(kube_cronjob_info{namespace=~"$namespace",cronjob${names}}, cronjob)`,
        ),
      ],
    },
    panels: rows.flatMap((row, at) => row.map((panel, place) => panelData(panel, { at, place }, DATASOURCE))),
  };
}

function variable(name: string, query: string): JsonObject {
  return {
    name,
    label: name,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: `${name}` },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    current: { text: ['All'], value: ['$__all'] },
  };
}
