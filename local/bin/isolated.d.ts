/** The network's proxies, by their variables' names. */
export const proxies: Readonly<Record<string, string>>;
