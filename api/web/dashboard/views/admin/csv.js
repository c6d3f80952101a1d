// CSV (RFC 4180) as rows of cells.

/** Take a text apart: { columns, rows }. */
export function rowsOf(text) {
  const lines = [];
  let cells = [];
  let cell = "";
  let isQuoted = false;
  const endCell = () => { cells.push(cell); cell = ""; };
  const endLine = () => { endCell(); lines.push(cells); cells = []; };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') { cell += '"'; at += 1; }
      else isQuoted = false;
    } else if (sign === '"') isQuoted = true;
    else if (sign === ",") endCell();
    else if (sign === "\n") endLine();
    else if (sign !== "\r") cell += sign;
  }
  if (cell !== "" || cells.length > 0) endLine();
  const [columns = [], ...rows] = lines;
  return { columns, rows };
}
