/** What a shell lets stand before a program: keywords, assignments, prefixes. */
const BEFORE_A_PROGRAM = /^(?:if|then|else|elif|do|while|until|!|\{|time|exec|sudo|[A-Za-z_]\w*=.*)$/;

/** The simple commands of a shell script, as words: good enough for what people write into a CronJob. */
export function shellCommands(script: string, variables: Readonly<Record<string, string>> = {}): string[][] {
  return script
    .replaceAll(/\\\n/g, ' ')
    .split(/\n|;|&&|\|\|?|\$\(|`|\)/)
    .map((command) => command.replace(/\d?>>?.*$/s, ''))
    .map((command) => expand(command, variables).split(/\s+/).filter(Boolean).map(unquoted))
    .map((words) => words.slice(words.findIndex((word) => !BEFORE_A_PROGRAM.test(word))))
    .filter(([program]) => program !== undefined);
}

function expand(command: string, variables: Readonly<Record<string, string>>): string {
  return command.replaceAll(/\$\{?([A-Za-z_]\w*)\}?/g, (whole, name: string) => variables[name] ?? whole);
}

function unquoted(word: string): string {
  return word.replace(/^["']|["']$/g, '');
}
