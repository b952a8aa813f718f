"""`reqlog show`: one request in full."""

import click

from reqlog import catalog, limits
from reqlog.advice import advise
from reqlog.columns import RECORD
from reqlog.exceptions import NoSuchRequestError, UsageError
from reqlog.filters import EVERYTHING, Compare, Glob, describe
from reqlog.flags import all_of, checked_text, is_glob
from reqlog.options.asking import Question, asks
from reqlog.options.headings import HeadedCommand
from reqlog.options.output import Output, prints
from reqlog.render import in_full
from reqlog.request import Request

_NAMED = 5


@click.command("show", cls=HeadedCommand)
@click.argument("request_id", metavar="[ID]", required=False)
@asks(twice=True)
@prints
def command(*, question: Question, output: Output, request_id: str | None) -> None:
    """Show one request in full: its facts, why it failed, what was sent and what came back.

    \b
    Examples:
      reqlog show req_OjRu7V5jecRDlM
      reqlog show req_Oj
      reqlog show --error-code card_declined
      reqlog show req_OjRu7V5jecRDlM --json | jq -r .request_body

    The beginning of an id serves where no other request's id begins so. Without an id it is the newest request that the
    filters match.
    """
    columns = output.columns(RECORD, RECORD)
    request = _newest(question) if request_id is None else _with_id(question, checked_text("ID", request_id))
    if output.name == "json":
        output.document({column.name: column.value(request) for column in columns})
    elif output.name != "table" or output.fields is not None:
        output.print([request], columns)
    else:
        hint = catalog.error_hint(request.error_code, request.decline_code, request.error_type)
        doc_url = catalog.doc_url(request.error_code, request.decline_code)
        with output.paged() as (stream, style):
            in_full(request, stream, style, hint=hint, doc_url=doc_url)


def _newest(question: Question) -> Request:
    for request in question.answers.find(question.filter, limit=1):
        return request
    raise NoSuchRequestError(" ".join(advise(question.filter, question.answers)))


def _with_id(question: Question, id: str) -> Request:
    """Return the one request whose id is, or else begins with, `id`."""
    if not id:
        raise UsageError("ID is empty; give an id or the beginning of one, or leave it out for the newest request.")
    for request in question.answers.find(all_of(Compare("id", "=", id), question.filter), limit=1):
        return request
    beginning = all_of(Glob("id", f"{id}*"), question.filter)
    can_begin = not is_glob(id) and len(id) < limits.GLOB_CHARACTERS
    found = list(question.answers.find(beginning, limit=_NAMED + 1)) if can_begin else []
    if not found:
        among = "" if question.filter == EVERYTHING else f" of which {describe(question.filter)}"
        raise NoSuchRequestError(f"There is no request {id}{among}; `reqlog list` shows those that there are.")
    if len(found) > 1:
        more = " and more" if len(found) > _NAMED else ""
        ids = ", ".join(request.id for request in found[:_NAMED])
        raise UsageError(f"{id} is the beginning of several ids: {ids}{more}; give more of it.")
    return found[0]
