const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/**
 * Returns 4 or 6 for an address of that version without zone or prefix length, otherwise 0. Not by ipaddr.js, because
 * it runs for each event of the intake and in browsers; a test compares both.
 */
export function isIP(text: string): 0 | 4 | 6 {
  if (IPV4.test(text)) return 4;
  // The address parser available in browsers and Node.js.
  return text.length <= 45 && /^[\da-f:.]*:[\da-f:.]*$/i.test(text) && URL.canParse(`http://[${text}]`) ? 6 : 0;
}
