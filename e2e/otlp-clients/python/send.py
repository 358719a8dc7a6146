"""Sends spans and log records with the OpenTelemetry SDK: send.py grpc|http URL none|gzip. Prints the ids as JSON."""

import json
import logging
import sys

from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

protocol, url, compression = sys.argv[1:]
logging.basicConfig(stream=sys.stderr)


def exporters():
    if protocol == "grpc":
        from grpc import Compression
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        kind = Compression.Gzip if compression == "gzip" else Compression.NoCompression
        options = {"endpoint": url, "insecure": True, "compression": kind}
        return OTLPSpanExporter(**options), OTLPLogExporter(**options)
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    kind = Compression.Gzip if compression == "gzip" else Compression.NoCompression
    return (
        OTLPSpanExporter(endpoint=f"{url}/v1/traces", compression=kind),
        OTLPLogExporter(endpoint=f"{url}/v1/logs", compression=kind),
    )


span_exporter, log_exporter = exporters()
resource = Resource({"service.name": "python-shop"})
spans = TracerProvider(resource=resource)
spans.add_span_processor(BatchSpanProcessor(span_exporter))
logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(BatchLogRecordProcessor(log_exporter))
tracer = spans.get_tracer("e2e", "1.2.3")
logger = logs.get_logger("e2e")

with tracer.start_as_current_span("GET /cart", kind=SpanKind.SERVER) as root:
    context = root.get_span_context()
    for i in range(50):
        with tracer.start_as_current_span(f"step {i}", links=[Link(context)]) as child:
            child.set_attributes({"i": i, "f": 0.5, "b": True, "s": ["größer", "b"]})
            child.add_event("tick")
            child.set_status(Status(StatusCode.ERROR, "broken"))
    logger.emit(LogRecord(body="hello", severity_number=SeverityNumber.INFO, context=trace.set_span_in_context(root)))

flushed = spans.force_flush() and logs.force_flush()
spans.shutdown()
logs.shutdown()
print(json.dumps({"traceId": format(context.trace_id, "032x"), "flushed": flushed}))
