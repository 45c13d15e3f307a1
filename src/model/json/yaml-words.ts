const NULL = /^(?:~|[Nn]ull|NULL)$/;
const TRUE = /^(?:Y|y|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/;
const FALSE = /^(?:N|n|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/;

/** What a word without quotes stands for in YAML 1.1 (yaml.org/type/null.html, bool.html); undefined: for itself. */
export function valueOfWord(text: string): null | boolean | undefined {
  if (text.length > 5) return undefined;
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  return FALSE.test(text) ? false : undefined;
}
