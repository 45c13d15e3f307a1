/**
 * What Go's YAML reader takes for a number (go.yaml.in/yaml/v2, resolve.go), which is neither YAML 1.1 nor
 * 1.2: underscores count nowhere, `0X1F`, `0b11` and `0o7` are integers, `010` is octal, `08` is not and
 * so becomes eight, and `12:30` is text.
 */

/** Matches every plain scalar that is a number to Go, and few others. */
export const MAY_BE_GO_NUMBER =
  /^(?=[-+.0-9])[-+]?_*(?:0_*(?:[xX][0-9a-fA-F_]+|[bB][01_]+|[oO][0-7_]+)|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\._*[0-9][0-9_]*)(?:[eE]_*[-+]?_*[0-9][0-9_]*)?)$/;

const WITH_BASE = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)$/;
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** The number that `text` is to Go; undefined where it is text. */
export function goNumber(text: string): number | undefined {
  if (!/^(?:[-+0-9]|\.[0-9][^_]*$)/.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const [, sign, digits] = WITH_BASE.exec(plain) ?? [];
  if (digits !== undefined) {
    const amount = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return sign === '-' ? 0 - amount : amount;
  }
  // A number too large for Go, such as the image tag 5e0650, is text.
  const amount = DECIMAL.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isFinite(amount)) return undefined;
  // JSON writes a negative zero as -0, which kubectl reads as an integer, and those have none.
  return amount === 0 ? 0 : amount;
}
