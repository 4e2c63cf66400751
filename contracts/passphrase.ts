/** Long enough not to be guessed at once; whoever wants it safe against a thief of the file takes several words. */
export const shortestPassphrase = 8
