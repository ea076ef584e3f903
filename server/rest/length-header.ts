/** Passes the length of a file from its route to the HTTP server, which sends it as Content-Length. */
export const LENGTH_HEADER = "X-File-Length";
