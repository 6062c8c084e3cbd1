"""Runs ministack as it is, but for one thing: AWS reports a failed Node function by its error's name, by which a state
machine retries it, and ministack calls every such error Runtime.HandlerError."""

import re
import runpy

from ministack.services import lambda_svc

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
runpy.run_module("ministack", run_name="__main__")
