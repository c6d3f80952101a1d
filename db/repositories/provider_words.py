"""From a provider as people describe it to one as it is recorded, and back."""

from db.contracts.provider import Collection, Expectation, Key, Limit
from db.contracts.provider_input import ProviderInput
from db.models import Provider
from db.repositories.providers import Description, description_of


def described(given: ProviderInput, *, paused: bool = False) -> Description:
    """Return what is to be recorded."""
    told = given.model_dump(mode="json")
    key, collection = told["key"], told["collection"]
    return Description(
        name=given.name,
        category=given.category,
        description=given.description,
        url=given.url,
        second_url=given.second_url,
        key=None if key is None else Key.model_validate(key),
        limits=tuple(Limit.model_validate(each) for each in told["limits"]),
        expectation=Expectation.model_validate(told["expectation"]),
        collection=None
        if collection is None
        else Collection.model_validate(collection),
        tier=given.tier,
        every_s=given.every_s,
        paused=paused,
    )


def told_of(found: Provider) -> dict[str, object]:
    """Return the fields of `ProviderInput` as they are now."""
    known = description_of(found)
    models = {
        "key": known.key,
        "expectation": known.expectation,
        "collection": known.collection,
    }
    return {
        "name": known.name,
        "category": known.category,
        "url": known.url,
        "description": known.description,
        "second_url": known.second_url,
        "limits": [each.model_dump(mode="json") for each in known.limits],
        "tier": known.tier,
        "every_s": known.every_s,
        **{
            name: None if each is None else each.model_dump(mode="json")
            for name, each in models.items()
        },
    }
