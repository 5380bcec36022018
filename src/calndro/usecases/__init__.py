"""
The verbs of calndro; the table of contents of the program.

``events``
    propose, list_events, view, peek, notify, read_log, whole_log, stop_mail, resume_mail,
    delete: what people do with events.
``updates``
    update, and its kinds replace, narrow, judge, extend, retitle: what they do to the slots
    and the title.
``letters``
    deliver, deliveries: what the system does with the letters they promise.
``outbox``
    list_letters, retry_letters, drop_letters: what staff do about letters that wait.
``visiting``, ``links``
    visit, glance, answer, link_ends, renew_link: what somebody does on the page of an event.
``calendars``
    calendar_file: what becomes of an event in people's calendars.
``accounts``
    sign_in, authenticate, issue_api_token, present_api_token, act_locally,
    register_locally, and what staff do with users: add_user, set_password, set_staff,
    activate, deactivate, issue_api_token_for, revoke_api_tokens.
``sessions``, ``api_tokens``
    begin_session, resume_session, end_session, change_password, list_own_api_tokens,
    revoke_own_api_token, revoke_own_api_tokens: what people do with credentials of their own.
``administering``
    find_users, see_account, list_links, revoke_link: what staff see beside the events.
``auditing``
    verify_log, verify_all, export_log, erase: the log proves itself, and forgets a person.
``moving``, ``taking_over``
    export_all, import_all, take_over: an instance out and in again, or that of the original.
``services``, ``transactions``, ``collisions``, ``mailing``, ``paging``
    What each of them works with, and what they share.
"""
