/** The image of everything that runs before the stack: one that moto knows. */
export const IMAGE_ID = "ami-12c6146b";

/** Makes something, and is content if it is there already. */
export async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!/already|exists/i.test(String(error))) {
      throw error;
    }
  }
}
