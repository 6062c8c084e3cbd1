"""Runs ministack as it is, but for four things. AWS reports a failed Node function by its error's name, by which a state
machine retries it, and ministack calls every such error Runtime.HandlerError. On AWS each function has credentials of its
own role: here the access key says which (local/endpoint/identity.ts). A message sent to a queue is handed to the
function behind it at once, as AWS's pollers do, not up to a second later. And CloudWatch knows the moment at which an
alarm changed to the millisecond, not only the second."""

import re
import runpy
import time

from ministack.core import lambda_runtime
from ministack.core.concurrency import esm_wake
from ministack.services import cloudwatch, lambda_svc, sqs


def role_credentials(config):
    role = config.get("Role", "").rsplit("/", 1)[-1]
    key = f"function:{role}:{config.get('FunctionName', '')}"
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": ""}


lambda_runtime.execution_credentials = role_credentials
lambda_svc.execution_credentials = role_credentials

execute = lambda_svc._execute_function_with_config_scope


def execute_and_name(*args, **kwargs):
    result = execute(*args, **kwargs)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        # The log ends with the error's stack, which begins with "NAME: MESSAGE".
        message = re.escape(body.get("errorMessage", ""))
        named = re.search(rf"^(\w+): {message}", result.get("log") or "", re.MULTILINE)
        if named:
            body["errorType"] = named.group(1)
    return result


lambda_svc._execute_function_with_config_scope = execute_and_name


def and_wake(send):
    def sent(*args, **kwargs):
        result = send(*args, **kwargs)
        esm_wake.set()
        return result

    return sent


for action in ("SendMessage", "SendMessageBatch"):
    sqs._HANDLERS[action] = and_wake(sqs._HANDLERS[action])

record_history = cloudwatch._record_history


def record_moment(name, old_state, new_state, *others):
    alarm = cloudwatch._alarms.get(name)
    if alarm is not None and old_state != new_state:
        alarm["StateUpdatedTimestamp"] = round(time.time(), 3)
    return record_history(name, old_state, new_state, *others)


cloudwatch._record_history = record_moment
runpy.run_module("ministack", run_name="__main__")
