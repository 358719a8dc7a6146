/** The all-in-one: what runs without a configuration file. */
export const defaultConfig = `receivers:
  otlp:
    protocols:
      grpc:
      http:
exporters:
  throughline:
extensions:
  health_check:
  throughline_query:
service:
  extensions: [health_check, throughline_query]
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [throughline]
    logs:
      receivers: [otlp]
      exporters: [throughline]
`;
