// Sends to an OTLP receiver as Go programs do, and prints what came of it as JSON.
//
//	otlp-client sdk grpc|http HOST:PORT none|gzip   the OpenTelemetry SDK: spans and what the exporter said
//	otlp-client wire HOST:PORT                      gRPC without the SDK: every answer, by the name of the case
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func main() {
	var result any
	switch os.Args[1] {
	case "sdk":
		result = sdk(os.Args[2], os.Args[3], os.Args[4])
	case "wire":
		result = wire(os.Args[2])
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		panic(err)
	}
}

func sdk(protocol, endpoint, compression string) map[string]any {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	exporter, err := exporterOf(ctx, protocol, endpoint, compression)
	must(err)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "go-shop"))),
	)
	tracer := provider.Tracer("e2e", trace.WithInstrumentationVersion("1.2.3"))
	rootCtx, root := tracer.Start(ctx, "GET /cart", trace.WithSpanKind(trace.SpanKindServer))
	for i := range 50 {
		_, child := tracer.Start(rootCtx, fmt.Sprintf("step %d", i), trace.WithLinks(trace.LinkFromContext(rootCtx)))
		child.SetAttributes(
			attribute.Int("i", i), attribute.Float64("f", 0.5), attribute.Bool("b", true),
			attribute.StringSlice("s", []string{"größer", "b"}),
		)
		child.AddEvent("tick")
		child.SetStatus(codes.Error, "broken")
		child.End()
	}
	root.End()
	flushed := provider.ForceFlush(ctx)
	must(provider.Shutdown(ctx))
	return map[string]any{"traceId": root.SpanContext().TraceID().String(), "error": text(flushed)}
}

func exporterOf(ctx context.Context, protocol, endpoint, compression string) (*otlptrace.Exporter, error) {
	if protocol == "grpc" {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure()}
		if compression == "gzip" {
			options = append(options, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	options := []otlptracehttp.Option{otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithInsecure()}
	if compression == "gzip" {
		options = append(options, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	}
	return otlptracehttp.New(ctx, options...)
}

type answer struct {
	Code       string  `json:"code"`
	Message    string  `json:"message,omitempty"`
	RetryDelay float64 `json:"retryDelay,omitempty"`
	Rejected   int64   `json:"rejected,omitempty"`
}

func wire(endpoint string) map[string]answer {
	connection, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(err)
	defer connection.Close()
	client := collector.NewTraceServiceClient(connection)
	answers := map[string]answer{}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	export := func(name string, request *collector.ExportTraceServiceRequest, options ...grpc.CallOption) {
		response, err := client.Export(ctx, request, options...)
		answers[name] = answerOf(err)
		if rejected := response.GetPartialSuccess().GetRejectedSpans(); rejected > 0 {
			answers[name] = answer{Code: "OK", Message: response.PartialSuccess.ErrorMessage, Rejected: rejected}
		}
	}

	export("good", requestOf("good", 10, 8))
	export("gzip", requestOf("good", 10, 8), grpc.UseCompressor(gzip.Name))
	export("empty", &collector.ExportTraceServiceRequest{})
	export("wrong ids", requestOf("good", 10, 7))
	export("overloaded", requestOf("overloaded", 1, 8))
	export("broken", requestOf("broken", 1, 8))
	export("too large", requestOf("good", 60_000, 8))
	export("too large, gzip", requestOf("good", 60_000, 8), grpc.UseCompressor(gzip.Name))
	export("unknown compression", requestOf("good", 1, 8), grpc.UseCompressor("backwards"))

	garbage := []byte("\x0a\xff\xff\xff\xff\x0f")
	err = connection.Invoke(ctx, collector.TraceService_Export_FullMethodName, &garbage, &[]byte{}, grpc.ForceCodec(rawCodec{}))
	answers["garbage"] = answerOf(err)

	_, err = metrics.NewMetricsServiceClient(connection).Export(ctx, &metrics.ExportMetricsServiceRequest{})
	answers["metrics"] = answerOf(err)

	short, cancelShort := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancelShort()
	_, err = client.Export(short, requestOf("slow", 1, 8))
	answers["slow"] = answerOf(err)

	answers["many at once"] = manyAtOnce(ctx, client)
	export("good at the end", requestOf("good", 10, 8))
	return answers
}

// 64 calls of about 2 MiB at the same time over one connection.
func manyAtOnce(ctx context.Context, client collector.TraceServiceClient) answer {
	request := requestOf("good", 25_000, 8)
	failures := make(chan error, 64)
	var calls sync.WaitGroup
	for range 64 {
		calls.Go(func() {
			if _, err := client.Export(ctx, request); err != nil {
				failures <- err
			}
		})
	}
	calls.Wait()
	close(failures)
	return answerOf(<-failures)
}

func requestOf(name string, spans, idLength int) *collector.ExportTraceServiceRequest {
	all := make([]*otlp.Span, spans)
	for i := range all {
		id := []byte{1, 0, 0, 0, 0, byte(i >> 16), byte(i >> 8), byte(i)}
		all[i] = &otlp.Span{
			TraceId: []byte("0123456789abcdef"), SpanId: id, Name: name + " with some more words",
			StartTimeUnixNano: 1_700_000_000_000_000_000, EndTimeUnixNano: 1_700_000_000_000_000_001,
		}
	}
	all[0].SpanId = all[0].SpanId[:idLength]
	scopes := []*otlp.ScopeSpans{{Spans: all}}
	return &collector.ExportTraceServiceRequest{ResourceSpans: []*otlp.ResourceSpans{{ScopeSpans: scopes}}}
}

func answerOf(err error) answer {
	told := status.Convert(err)
	result := answer{Code: told.Code().String(), Message: told.Message()}
	for _, detail := range told.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			result.RetryDelay = retry.RetryDelay.AsDuration().Seconds()
		}
	}
	return result
}

// Sends bytes as they are.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error) {
	if bytes, ok := v.(*[]byte); ok {
		return *bytes, nil
	}
	return proto.Marshal(v.(proto.Message))
}
func (rawCodec) Unmarshal(data []byte, v any) error { *v.(*[]byte) = data; return nil }
func (rawCodec) Name() string                       { return "proto" }

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A compression that nobody else knows.
type backwards struct{ encoding.Compressor }

func (backwards) Name() string { return "backwards" }

func init() { encoding.RegisterCompressor(backwards{encoding.GetCompressor(gzip.Name)}) }
