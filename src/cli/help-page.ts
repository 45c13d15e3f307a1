/**
 * What a page of help says, before anybody knows how wide the terminal is. Plain data: the build puts the finished ones into the
 * executable.
 */
export interface HelpPage {
  /** Paragraphs, each one line however long. */
  about: readonly string[];
  /** The command line in general; undefined for a page about none. */
  usage?: string;
  sections: readonly HelpSection[];
  /** A paragraph after them: where more is said. */
  more?: string;
  examples: readonly { purpose: string; command: string }[];
  end?: string;
  /** Of this command, in the order of the codes. */
  exitCodes?: readonly (readonly [code: number, meaning: string])[];
  /** Commands, and pages of the documentation by their paths. */
  seeAlso?: readonly string[];
}

/** Words and what they mean, side by side. */
export interface HelpSection {
  title: string;
  rows: readonly (readonly [words: string, meaning: string])[];
}
