package io.sandrift.volume.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns. Used by one thread. */
public final class TextTable {

  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;
  private final boolean headed;

  private TextTable(int columns, boolean headed) {
    this.columns = columns;
    this.headed = headed;
  }

  /** A table whose first line is these headings. */
  public static TextTable headed(String... headings) {
    TextTable table = new TextTable(headings.length, true);
    table.row(headings);
    return table;
  }

  /** A table of names and their values. */
  public static TextTable ofPairs() {
    return new TextTable(2, false);
  }

  /** Adds a row, as many cells as the table has columns. */
  public TextTable row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(cells.length + " cells, " + columns + " columns");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** How many rows there are below the headings. */
  public int size() {
    return headed ? rows.size() - 1 : rows.size();
  }

  /** Prints all rows; the last column isn't padded. */
  public void print(PrintWriter out) {
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        line.append(row.get(column));
        if (column < columns - 1) {
          line.append(" ".repeat(widths[column] - row.get(column).length() + 2));
        }
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }
}
