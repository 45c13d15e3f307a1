import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Column, formatTable } from '../../../src/output/table.ts';

interface Row {
  name: string;
  age: string;
  node: string;
}
const columns: Column<Row>[] = [
  { header: 'NAME', cell: (row) => row.name },
  { header: 'AGE', cell: (row) => row.age },
  { header: 'NODE', cell: (row) => row.node, wide: true },
];
const rows: Row[] = [
  { name: 'a-long-name', age: '5d', node: 'n1' },
  { name: 'b', age: '', node: 'n2' },
];

test('columns are three spaces apart and no line ends in spaces', () => {
  assert.equal(
    formatTable(rows, columns, { wide: false, headers: true }),
    'NAME          AGE\na-long-name   5d\nb             <none>\n',
  );
});

test('wide adds columns', () => {
  assert.equal(
    formatTable(rows, columns, { wide: true, headers: true }),
    'NAME          AGE      NODE\na-long-name   5d       n1\nb             <none>   n2\n',
  );
});

test('without headers their widths do not count', () => {
  assert.equal(
    formatTable([{ name: 'b', age: '1s', node: '' }], columns, { wide: false, headers: false }),
    'b   1s\n',
  );
});

test('no rows print nothing, not even headers', () => {
  assert.equal(formatTable([], columns, { wide: true, headers: true }), '');
});

test('a cell can not break its line or move the cursor', () => {
  const text = formatTable([{ name: 'x\n\u001b[2Jy', age: '1s', node: '' }], columns, {
    wide: false,
    headers: false,
  });
  assert.equal(text, 'x\\n\\u001b[2Jy   1s\n');
});

test('a table has as many rows as there are', () => {
  const rows = Array.from({ length: 200_000 }, (_, at) => at);
  const columns = [{ header: 'N', cell: (at: number) => `${at}` }];
  const table = formatTable(rows, columns, { wide: false, headers: true });
  assert.equal(table.split('\n').length, rows.length + 2);
  assert.ok(table.startsWith('N\n0\n1\n'));
});
