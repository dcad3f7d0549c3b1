import { Paper, Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A column; at phone width its header stands before each value. */
export interface Column<T> {
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  /** For figures. */
  readonly isNumeric?: boolean;
}

/** Columns are told apart by their headers, rows by `keyOf`: both have to be unique. */
export interface DataTableProps<T> {
  /** What it is a table of, for those who hear it. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

/** A table; at phone width each row is a card. The roles stand there because a browser drops them with the display. */
export function DataTable<T>({ caption, columns, rows, keyOf }: DataTableProps<T>) {
  return (
    <Paper className="table-frame">
      <Table className="data-table" role="table" highlightOnHover>
        <Table.Caption className="visually-hidden">{caption}</Table.Caption>
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {columns.map(({ header, isNumeric }) => (
              <Table.Th key={header} role="columnheader" scope="col" ta={isNumeric ? 'right' : 'left'}>
                {header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)} role="row">
              {columns.map(({ header, cell, isNumeric }) => (
                <Table.Td
                  key={header}
                  role="cell"
                  data-label={header}
                  className={isNumeric ? 'numeric breakable' : 'breakable'}
                  ta={isNumeric ? 'right' : 'left'}
                >
                  <div>{cell(row)}</div>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
