"""What the output kafka with `format: otlp` writes, read from a real broker by Confluent's client and parsed by OpenTelemetry's own
generated code: ExportLogsServiceRequest, as its Collector's Kafka receiver takes it (otlp_proto).

Of PyPI: opentelemetry-proto, confluent-kafka. The broker is that of scripts/install-test-servers.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time

from .harness import Results, Skipped, free_port, need_program

COUNT = 3000
TRACE = "5b8efff798038103d269b633813fc60c"


def entry_of(i):
    if i % 3 == 0:
        return f"text {i} \u00fc"
    return json.dumps({"MESSAGE": f"fields {i}", "PRIORITY": str(i % 8), "whole": i, "half": i / 2, "yes": i % 2 == 0,
                       "text": f"value {i}", "list": [i, "a"], "trace_id": TRACE})


@contextlib.contextmanager
def broker():
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    libs = pathlib.Path(os.environ.get("TOWL_TEST_SERVERS", cache + "/towl/test-servers")) / "kafka/libs"
    if not libs.is_dir():
        raise Skipped("there is no Kafka: scripts/install-test-servers gets it")
    java = need_program("java")
    with tempfile.TemporaryDirectory() as folder:
        port, control = free_port(), free_port()
        properties = pathlib.Path(folder) / "server.properties"
        properties.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{control}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/logs
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
num.partitions=2
""")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([java, "-cp", f"{libs}/*", "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c",
                        properties], check=True, **quiet)
        process = subprocess.Popen([java, "-Xmx384m", "-XX:+UseSerialGC", "-cp", f"{libs}/*", "kafka.Kafka", properties], **quiet)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def read_topic(brokers, parse):
    """{number: (host, record)} of all records, and how many messages and records there were."""
    import confluent_kafka
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "conformance", "isolation.level": "read_committed",
                                         "auto.offset.reset": "earliest", "enable.auto.commit": False, "log_level": 0})
    consumer.subscribe(["logs"])
    found, messages, records = {}, 0, 0
    end = time.monotonic() + 120
    while time.monotonic() < end and records < COUNT:
        message = consumer.poll(1)
        if message is None or message.error():
            continue
        messages += 1
        for resource in parse(message.value()).resource_logs:
            host = {one.key: one.value.string_value for one in resource.resource.attributes}.get("host.name")
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    records += 1
                    found[int(record.body.string_value.split()[1])] = (host, record)
    consumer.close()
    return found, messages, records


def run(programs, suites):
    try:
        from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
        import confluent_kafka  # noqa: F401
    except ImportError as missing:
        raise Skipped(f"{missing}: pip install opentelemetry-proto confluent-kafka")
    results = Results()
    with broker() as brokers:
        output = f'outputs: [{{ type: kafka, brokers: "{brokers}", topic: logs, format: otlp, from: beginning }}]'
        with programs.collector(more=output) as collector:
            for sender in ("a", "b"):
                lines = "\n".join(entry_of(i) for i in range(COUNT) if (i % 2 == 0) == (sender == "a")) + "\n"
                subprocess.run([programs.towlctl, "append", "--server", f"127.0.0.1:{collector.grpc}", "--plaintext", "--sender",
                                sender, "--quiet", "--log-format", "auto"], input=lines.encode(), check=True, timeout=60,
                               env={**os.environ, "TOWL_TOKEN_FILE": str(collector.folder / "store/admin.token")})
            found, messages, records = read_topic(brokers, ExportLogsServiceRequest.FromString)
    results.check(records == COUNT, "count", f"{records} records in {messages} messages")
    results.check(messages < COUNT / 10, "messages", f"{messages} messages")
    for i in range(COUNT):
        if i not in found:
            results.check(False, f"entry {i}", "it is not there")
            continue
        results.check(*compare(i, *found[i]))
    return results


def compare(i, host, record):
    attributes = {one.key: one.value for one in record.attributes}
    wanted = {"host": "a" if i % 2 == 0 else "b"}
    got = {"host": host}
    if i % 3:
        wanted |= {"body": f"fields {i}", "severity": (21, 19, 18, 17, 13, 10, 9, 5)[i % 8], "whole": i, "half": i / 2,
                   "yes": i % 2 == 0, "text": f"value {i}", "list": f'[{i}, "a"]', "trace": TRACE}
        half = attributes["half"]
        got |= {"body": record.body.string_value, "severity": record.severity_number, "whole": attributes["whole"].int_value,
                "half": half.double_value if half.WhichOneof("value") == "double_value" else float(half.int_value),
                "yes": attributes["yes"].bool_value, "text": attributes["text"].string_value,
                "list": attributes["list"].string_value, "trace": record.trace_id.hex()}
    else:
        wanted["body"] = entry_of(i)
        got["body"] = record.body.string_value
    good = got == wanted and record.time_unix_nano > 0 and record.observed_time_unix_nano > 0 and "log.record.uid" in attributes
    return good, f"entry {i}", f"{got}, not {wanted}"
