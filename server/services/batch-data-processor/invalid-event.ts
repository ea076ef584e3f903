/** Why an event cannot be a row; the message is `field: reason`, without the value. */
export class InvalidEvent extends Error {
  override name = "InvalidEvent";

  constructor(field: string, reason: string) {
    super(`${field}: ${reason}`);
  }
}
