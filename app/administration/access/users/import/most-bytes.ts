/** Ten thousand people with names and roles; twice that as UTF-16. */
export const MOST_BYTES = 2 * 1024 * 1024;
export const TOO_MUCH = 'This is too much at once: at most 2 MB.';
