/** How a program sends its first trace. */
export interface Snippet {
  readonly name: string;
  readonly steps: readonly { readonly title: string; readonly code: string }[];
}

/** `endpoint` is the base address of OTLP over HTTP: `http://127.0.0.1:4318`. */
export function snippets(endpoint: string): readonly Snippet[] {
  const environment = `OTEL_SERVICE_NAME=my-service \\
OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} \\`;
  return [
    {
      name: 'Node',
      steps: [
        { title: 'Add one package', code: 'npm install @throughline/node' },
        {
          title: 'Start the service with it',
          code: `${environment}
node --import @throughline/node/register app.js`,
        },
      ],
    },
    {
      name: 'Python',
      steps: [
        {
          title: 'Install OpenTelemetry, and what it finds to instrument',
          code: `pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http
opentelemetry-bootstrap -a install`,
        },
        {
          title: 'Start the service with it',
          code: `${environment}
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \\
opentelemetry-instrument --traces_exporter otlp --metrics_exporter none python app.py`,
        },
      ],
    },
    {
      name: 'Go',
      steps: [
        {
          title: 'Add the SDK',
          code: `go get go.opentelemetry.io/otel go.opentelemetry.io/otel/sdk \\
  go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp`,
        },
        {
          title: 'Set it up in main.go',
          code: `package main

import (
	"context"
	"log"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	defer provider.Shutdown(ctx)
	otel.SetTracerProvider(provider)

	_, span := otel.Tracer("hello").Start(ctx, "first trace")
	span.End()
}`,
        },
        {
          title: 'Run it',
          code: `${environment}
go run .`,
        },
      ],
    },
    {
      name: 'Java',
      steps: [
        {
          title: 'Get the agent',
          code: 'curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar',
        },
        {
          title: 'Start the service with it',
          code: `${environment}
OTEL_METRICS_EXPORTER=none \\
java -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
        },
      ],
    },
    { name: 'curl', steps: [{ title: 'Send one span by hand', code: curl(endpoint) }] },
  ];
}

/** The body is OTLP/JSON as the OpenTelemetry protocol specification has it; ids are random each time. */
function curl(endpoint: string): string {
  return `id() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \\n'; }
now=$(date +%s)
curl -sS ${endpoint}/v1/traces -H 'content-type: application/json' -d '{
  "resourceSpans": [{
    "resource": { "attributes": [
      { "key": "service.name", "value": { "stringValue": "my-service" } }
    ] },
    "scopeSpans": [{ "spans": [{
      "traceId": "'"$(id 16)"'", "spanId": "'"$(id 8)"'",
      "name": "first trace", "kind": 2,
      "startTimeUnixNano": "'"$now"'000000000", "endTimeUnixNano": "'"$now"'120000000"
    }] }]
  }]
}'`;
}
