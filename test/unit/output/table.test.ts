import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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

describe('on a terminal that is too narrow', () => {
  const columns: Column<Row>[] = [
    { header: 'NAME', cell: (row) => row.name },
    { header: 'AGE', cell: (row) => row.age, spare: 2 },
    { header: 'NODE', cell: (row) => row.node, spare: 1 },
    { header: 'WHY', cell: () => 'because of a reason that takes a lot of words', mayBeCut: true },
  ];
  const table = (width: number | undefined, wide = false): string[] =>
    formatTable(rows, columns, { wide, headers: true, columns: width }).split('\n').slice(0, 2);

  test('columns stand closer, before anything goes', () => {
    const [, whole = ''] = table(undefined);
    assert.deepEqual(table(whole.length), table(undefined));
    assert.equal(
      table(whole.length - 3)[1],
      'a-long-name  5d      n1    because of a reason that takes a lot of words',
    );
  });

  test('words are cut, and then columns left out that can be spared, until the rest can be read', () => {
    assert.deepEqual(table(52), [
      'NAME         AGE     NODE  WHY',
      'a-long-name  5d      n1    because of a reason that…',
    ]);
    assert.deepEqual(table(50), [
      'NAME         AGE     WHY',
      'a-long-name  5d      because of a reason that tak…',
    ]);
    assert.deepEqual(table(40), ['NAME         WHY', 'a-long-name  because of a reason that t…']);
  });

  test('names are never cut', () => {
    assert.match(table(10)[1] ?? '', /^a-long-name /);
  });

  test('no line is longer than the terminal is wide, wide leaves all of it', () => {
    for (let width = 37; width < 100; width++)
      for (const line of table(width)) assert.ok(line.length <= width);
    assert.deepEqual(table(40, true), table(undefined));
  });
});
