"""Runs moto's server as it is, but for five things. EC2 forgets terminated instances within about an hour
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html) and moto never does: a rehearsal launches
hundreds, each of which would make every look at instances slower, so only the last ones are remembered. What moto
looks up anew for each call, the operations of a service and its own folder, is looked up once. The newest versions of a
launch template can be deleted, so that what a drill has rolled out leaves nothing behind. Ids of hosted zones begin
with Z, as AWS's do. And a health check of an alarm says of which."""

import functools
import runpy

import moto.route53.models
from moto import backends
from moto.core import responses
from moto.core.responses import ActionResult
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.route53.responses import Route53

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


def delete_launch_template_versions(self):
    template = self.ec2_backend.get_launch_template(self._get_param("LaunchTemplateId"))
    asked = [int(version) for version in self._get_param("Versions", [])]
    deleted = []
    # A version is found by its place: only those at the end can go.
    while template.versions[-1].number in asked and template.versions[-1].number != template.default_version_number:
        deleted.append({"LaunchTemplateId": template.id, "VersionNumber": template.versions.pop().number})
    return ActionResult({"SuccessfullyDeletedLaunchTemplateVersions": deleted})


InstanceBackend.terminate_instances = terminate_and_forget
LaunchTemplates.delete_launch_template_versions = delete_launch_template_versions

zone_id = moto.route53.models.create_route53_zone_id
moto.route53.models.create_route53_zone_id = lambda *args, **kwargs: "Z" + zone_id(*args, **kwargs)[1:]

create_health_check = Route53.create_health_check
config_of = moto.route53.models.HealthCheck.health_check_config.fget


def create_health_check_of_alarm(self):
    result = create_health_check(self)
    config = self._get_param("HealthCheckConfig")
    of_alarm = {key: config[key] for key in ("AlarmIdentifier", "InsufficientDataHealthStatus") if config.get(key)}
    result.result["HealthCheck"].of_alarm = of_alarm
    return result


Route53.create_health_check = create_health_check_of_alarm
moto.route53.models.HealthCheck.health_check_config = property(lambda self: {**config_of(self), **self.of_alarm})

responses.method_names_from_class = functools.cache(responses.method_names_from_class)
MODULES = list(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: MODULES
runpy.run_module("moto.server", run_name="__main__")
