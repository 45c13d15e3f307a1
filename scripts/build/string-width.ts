/** The columns that plain text takes; stands in for the package "string-width" inside the executable. */
export default function stringWidth(text: string): number {
  return text.length;
}
