/** What went wrong, in words. @param {unknown} error whatever was thrown */
export const errorMessage = (error) => (error instanceof Error ? error.message : String(error));
