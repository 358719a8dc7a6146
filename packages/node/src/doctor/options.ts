/** What the doctor is to look at. Without a hop: those that the variables of the environment tell of (`…_URL` and the like). */
export interface DoctorOptions {
  /** URLs, asked with GET. */
  readonly http?: readonly string[];
  /** `host:port`, asked for its health; or `host:port/package.Service/Method`, called with an empty message. */
  readonly grpc?: readonly string[];
  /** `redis://` or `rediss://`. */
  readonly redis?: readonly string[];
  /** `nats://`, or `tls://`. */
  readonly nats?: readonly string[];
  /** `host:port`, several with commas. */
  readonly kafka?: readonly string[];
  /** Through which a probe is sent: without one Kafka is asked for its brokers only. It must be there. */
  readonly topic?: string;
  /** Where Throughline shows traces. Default: THROUGHLINE_URL, else port 16686 where spans are sent. */
  readonly api?: string;
  /** How long to wait for the spans of services. Default: 8000, because most export every five seconds. */
  readonly waitMs?: number;
  /** The application's folder, whose packages are looked at. Default: the current one. */
  readonly folder?: string;
}
