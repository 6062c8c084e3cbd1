/** Whether a text matches a pattern in which `*` stands for any characters, none too, and `?` for exactly one. */
export function matchesWildcard(pattern: string, text: string, { oneCharacter = true } = {}): boolean {
  const parts = [...pattern].map((c) => {
    if (c === "*") {
      return "[^]*";
    }
    return c === "?" && oneCharacter ? "[^]" : c.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "u").test(text);
}
