"""Runs moto's server as it is, but for nine things. EC2 forgets terminated instances within about an hour
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html) and moto never does: a rehearsal launches
hundreds, each of which would make every look at instances slower, so only the last ones are remembered. What moto
looks up anew for each call, the operations of a service and its own folder, is looked up once, and one resource's tags
are not sought among all resources'. The newest versions of a
launch template can be deleted, so that what a drill has rolled out leaves nothing behind. Ids of hosted zones begin
with Z, as AWS's do. A health check of an alarm says of which. On EC2, too, a container may have a soft limit of memory
alone. An instance is a target of a target group once for each port. A replica that is promoted follows nobody. And
a replica's subnets are of its own Region."""

import copy
import functools
import runpy
from types import SimpleNamespace

import moto.route53.models
from moto import backends
from moto.core import responses
from moto.core.responses import ActionResult
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.models.tags import TagBackend
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ecs.models import EC2ContainerServiceBackend
from moto.elbv2.models import FakeTargetGroup
from moto.rds.models import RDSBackend
from moto.route53.responses import Route53

# More than any drill or test terminates in a subnet between two looks at what it has terminated. Each subnet by itself: what a
# drill does that is played aside must not have another's instances forgotten.
REMEMBERED = 40

terminate_instances = InstanceBackend.terminate_instances


def terminate_and_forget(self, instance_ids):
    terminated = terminate_instances(self, instance_ids)
    ended = self.__dict__.setdefault("ended", {})
    forgotten = set()
    for instance, _ in terminated:
        there = ended.setdefault(instance.subnet_id, [])
        there.extend([] if instance.id in there else [instance.id])
        forgotten.update(there[:-REMEMBERED])
        del there[:-REMEMBERED]
    for key, reservation in list(self.reservations.items()):
        # One without instances is another call's, which is about to launch them.
        if any(instance.id in forgotten for instance in reservation.instances):
            reservation.instances = [i for i in reservation.instances if i.id not in forgotten]
            if not reservation.instances:
                self.reservations.pop(key, None)
    return terminated


describe_tags = TagBackend.describe_tags


def describe_own_tags(self, filters=None):
    asked = (filters or {}).get("resource-id", [])
    if len(asked) != 1 or set("*?") & set(asked[0]):
        return describe_tags(self, filters)
    own = {asked[0]: self.tags[asked[0]]} if asked[0] in self.tags else {}
    return describe_tags(SimpleNamespace(tags=own, VALID_TAG_FILTERS=self.VALID_TAG_FILTERS), filters)


TagBackend.describe_tags = describe_own_tags


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

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html, memoryReservation
validate = EC2ContainerServiceBackend._validate_container_defs
EC2ContainerServiceBackend._validate_container_defs = staticmethod(lambda memory, definitions, _: validate(memory, definitions, None))

TARGETS = ("targets", "deregistered_targets", "terminated_targets")
register, health_for = FakeTargetGroup.register, FakeTargetGroup.health_for


def only(group, target):
    """The group as if this port of the instance were all that it knows of it, and what it knows that by."""
    key = (target["Id"], int(target.get("Port") or group.port))
    view = copy.copy(group)
    for name in TARGETS:
        of_port = getattr(group, name).get(key)
        setattr(view, name, {} if of_port is None else {target["Id"]: of_port})
    return view, key


def register_port(self, targets):
    for target in targets:
        view, key = only(self, target)
        register(view, [target])
        self.targets[key] = view.targets[target["Id"]]
        self.deregistered_targets.pop(key, None)


# What isn't there is fine: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html
def deregister_port(self, targets):
    for _, key in (only(self, target) for target in targets):
        if key in self.targets:
            self.deregistered_targets[key] = self.targets.pop(key)


def deregister_terminated_instances(self, instance_ids):
    for key in [key for key in self.targets if key[0] in instance_ids]:
        self.terminated_targets[key] = self.targets.pop(key)


FakeTargetGroup.register = register_port
FakeTargetGroup.deregister = deregister_port
FakeTargetGroup.deregister_terminated_instances = deregister_terminated_instances
FakeTargetGroup.health_for = lambda self, target, ec2_backend: health_for(only(self, target)[0], target, ec2_backend)

zone_id = moto.route53.models.create_route53_zone_id
moto.route53.models.create_route53_zone_id = lambda *args, **kwargs: "Z" + zone_id(*args, **kwargs)[1:]

promote_read_replica = RDSBackend.promote_read_replica


def promote_and_let_go(self, db_kwargs):
    promoted = promote_read_replica(self, db_kwargs)
    promoted.source_db_instance_identifier = None
    return promoted


RDSBackend.promote_read_replica = promote_and_let_go

# A replica is a copy of its source, and gets its settings in this order: its Region is to come before its subnets.
create_replica = RDSBackend.create_db_instance_read_replica
RDSBackend.create_db_instance_read_replica = lambda self, settings: create_replica(self, {"backend": self, **settings})

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
