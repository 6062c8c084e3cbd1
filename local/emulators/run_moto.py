"""Runs moto's server as it is, but for two things. EC2 forgets terminated instances within about an hour
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html) and moto never does: a rehearsal launches
hundreds, each of which would make every look at instances slower, so only the last ones are remembered. And what moto
looks up anew for each call, the operations of a service and its own folder, is looked up once."""

import functools
import runpy

from moto import backends
from moto.core import responses
from moto.ec2.models.instances import InstanceBackend

# More than any drill or test terminates between two looks at what it has terminated.
REMEMBERED = 40

terminate_instances = InstanceBackend.terminate_instances


def terminate_and_forget(self, instance_ids):
    terminated = terminate_instances(self, instance_ids)
    ended = self.__dict__.setdefault("ended", [])
    ended.extend(instance.id for instance, _ in terminated if instance.id not in ended)
    forgotten = set(ended[:-REMEMBERED])
    del ended[:-REMEMBERED]
    if forgotten:
        for key, reservation in list(self.reservations.items()):
            reservation.instances = [i for i in reservation.instances if i.id not in forgotten]
            if not reservation.instances:
                del self.reservations[key]
    return terminated


InstanceBackend.terminate_instances = terminate_and_forget
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
MODULES = list(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: MODULES
runpy.run_module("moto.server", run_name="__main__")
