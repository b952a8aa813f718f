"""The mappings that come with reqlog: what common servers and services write as JSON lines.

Where a name can be chosen by who configures the logger (nginx, Envoy), the names are those of the variables and of the
examples in the documentation of each.
"""

from typing import Final

from reqlog.readers.mapping import mapping_from

PRESETS: Final = {
    mapping.name: mapping
    for mapping in (
        mapping_from(
            "caddy",
            {
                "requires": ["request.method", "request.uri", "status"],
                "fields": {
                    "time": "ts",
                    "duration_ms": "duration",
                    "method": "request.method",
                    "host": "request.host",
                    "url": "request.uri",
                    "status": "status",
                    "ip_address": ["request.client_ip", "request.remote_ip", "request.remote_addr"],
                    "request_headers": "request.headers",
                    "response_headers": "resp_headers",
                },
                "duration_unit": "s",
            },
        ),
        mapping_from(
            "traefik",
            {
                "requires": ["RequestMethod", "RequestPath", "DownstreamStatus"],
                "fields": {
                    "time": ["StartUTC", "StartLocal", "time"],
                    "duration_ms": "Duration",
                    "method": "RequestMethod",
                    "scheme": "RequestScheme",
                    "host": ["RequestAddr", "RequestHost"],
                    "url": "RequestPath",
                    "status": "DownstreamStatus",
                    "ip_address": ["ClientHost", "ClientAddr"],
                    "request_headers": "request_*",
                    "response_headers": "downstream_*",
                },
                "duration_unit": "ns",
            },
        ),
        mapping_from(
            "cloudflare",
            {
                "requires": ["ClientRequestMethod", "EdgeResponseStatus"],
                "fields": {
                    "time": "EdgeStartTimestamp",
                    "method": "ClientRequestMethod",
                    "scheme": "ClientRequestScheme",
                    "host": "ClientRequestHost",
                    "url": ["ClientRequestURI", "ClientRequestPath"],
                    "status": "EdgeResponseStatus",
                    "ip_address": "ClientIP",
                    "user_agent": "ClientRequestUserAgent",
                    "referer": "ClientRequestReferer",
                    "request_headers": "RequestHeaders",
                    "response_headers": "ResponseHeaders",
                },
            },
        ),
        mapping_from(
            "alb",
            {
                "requires": ["elb", "elb_status_code"],
                "fields": {
                    "time": ["request_creation_time", "time"],
                    "method": "request_verb",
                    "url": "request_url",
                    "request_line": "request",
                    "status": "elb_status_code",
                    "ip_address": ["client_ip", "client", "client:port"],
                    "user_agent": "user_agent",
                },
            },
        ),
        mapping_from(
            "envoy",
            {
                "requires": ["method", "response_code", "start_time"],
                "fields": {
                    "time": "start_time",
                    "duration_ms": "duration",
                    "method": "method",
                    "host": [":authority", "authority"],
                    "url": ["x-envoy-origin-path", "path"],
                    "status": "response_code",
                    "ip_address": ["downstream_remote_address_without_port", "downstream_remote_address"],
                    "user_agent": ["user-agent", "user_agent"],
                },
            },
        ),
        mapping_from(
            "nginx-json",
            {
                "requires": ["remote_addr", "status"],
                "fields": {
                    "time": ["msec", "time_iso8601", "time_local", "@timestamp", "timestamp", "time"],
                    "duration_ms": "request_time",
                    "method": "request_method",
                    "scheme": "scheme",
                    "host": ["http_host", "host", "server_name"],
                    "url": ["request_uri", "uri"],
                    "query": ["args", "query_string"],
                    "request_line": "request",
                    "status": "status",
                    "ip_address": "remote_addr",
                    "request_headers": "http_*",
                    "response_headers": "sent_http_*",
                    "request_body": "request_body",
                },
                "time_unit": "s",
                "duration_unit": "s",
            },
        ),
    )
}
"""The mappings by name, in the order in which a log is compared with them."""
