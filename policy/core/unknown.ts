/** Stands for a value that a preview can't know yet. */
export const UNKNOWN = Symbol("unknown");

/**
 * Reads a value that may be unknown. Without this, reading an unknown one ends the whole rule, and what is left of it
 * is an advisory note: the rule would fail open.
 */
export function read<T>(get: () => T): T | typeof UNKNOWN {
  try {
    return get();
  } catch (error) {
    if (isUnknownValueError(error)) {
      return UNKNOWN;
    }
    throw error;
  }
}

/** Whether an error says that a value is unknown. The SDK throws a class of its own but declares no type for it. */
export function isUnknownValueError(error: unknown): error is Error {
  return error instanceof Error && error.constructor.name === "UnknownValueError";
}

/** As `read`, for callers to whom unknown and absent are the same. */
export function known<T>(get: () => T): T | undefined {
  const value = read(get);
  return value === UNKNOWN ? undefined : value;
}

/** The elements of a list, or the one value, in their order: an unknown one doesn't hide the others. */
export function items<T>(get: () => T | readonly T[] | null | undefined): (T | typeof UNKNOWN)[] | typeof UNKNOWN {
  const value = read(get);
  if (value === UNKNOWN) {
    return UNKNOWN;
  }
  if (!Array.isArray(value)) {
    return value === undefined || value === null ? [] : [value as T];
  }
  return Array.from({ length: value.length }, (_, i) => read(() => value[i] as T));
}

/** The known elements of a list, or the one value. */
export function knownItems<T>(get: () => T | readonly T[] | null | undefined): T[] {
  const list = items(get);
  return list === UNKNOWN ? [] : list.filter((v): v is T => v !== UNKNOWN && v !== undefined && v !== null);
}

/** The value at a path such as `vpcConfig.subnetIds`; of a list on the way, its first element. */
export function at(props: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    const one = Array.isArray(value) ? (value[0] as unknown) : value;
    return one === undefined || one === null ? undefined : (one as Record<string, unknown>)[key];
  }, props);
}

/** What stands behind the proxy by which the SDK gives a resource's properties; without one, the object itself. */
export function behind(proxy: object): object {
  return (proxy as { readonly __getSpecialProxyTarget?: object }).__getSpecialProxyTarget ?? proxy;
}
