/** Virtual time, for people. */
export const clock = (seconds: number) =>
  seconds < 60 ? `after ${seconds} s` : `after ${Math.floor(seconds / 60)} min ${seconds % 60} s`;
